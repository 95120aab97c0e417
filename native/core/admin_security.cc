// Access control lists and SCRAM credentials.
#include <array>
#include <memory>

#include "core/admin_call.h"
#include "core/admin_operations.h"
#include "core/base64.h"

namespace easyflow::core::admin {

namespace {

using nlohmann::json;
using Reason = std::array<char, 512>;
using Acls = AdminObjects<rd_kafka_AclBinding_t, rd_kafka_AclBinding_destroy>;

// librdkafka's enumerations have the protocol's numbers. Beyond them are types it does not know,
// delegation tokens (6) and users (7): they must not reach it as a number it checks by size alone.
template <typename T>
T enumOf(const Args& args, const char* key, int count) {
  const std::int32_t value = args.int32(key);
  if (value < 0 || value >= count) {
    args.reject(key,
                "a number from 0 to " + std::to_string(count - 1) + " (those librdkafka knows)");
  }
  return static_cast<T>(value);
}

void add(Acls& acls, const Args& item, bool filter) {
  // A binding names everything; in a filter null stands for anything.
  const auto name = filter ? item.optionalString("resourceName") : item.string("resourceName");
  const auto principal = filter ? item.optionalString("principal") : item.string("principal");
  const auto host = filter ? item.optionalString("host") : item.string("host");
  Reason reason{};
  const auto make = filter ? rd_kafka_AclBindingFilter_new : rd_kafka_AclBinding_new;
  acls.add(make(enumOf<rd_kafka_ResourceType_t>(item, "resourceType", RD_KAFKA_RESOURCE__CNT),
                name ? name->c_str() : nullptr,
                enumOf<rd_kafka_ResourcePatternType_t>(item, "resourcePatternType",
                                                       RD_KAFKA_RESOURCE_PATTERN_TYPE__CNT),
                principal ? principal->c_str() : nullptr, host ? host->c_str() : nullptr,
                enumOf<rd_kafka_AclOperation_t>(item, "operation", RD_KAFKA_ACL_OPERATION__CNT),
                enumOf<rd_kafka_AclPermissionType_t>(item, "permissionType",
                                                     RD_KAFKA_ACL_PERMISSION_TYPE__CNT),
                reason.data(), reason.size()),
           item.path(), reason.data());
}

json aclJson(const rd_kafka_AclBinding_t* acl) {
  return {{"resourceType", static_cast<int>(rd_kafka_AclBinding_restype(acl))},
          {"resourceName", nullable(rd_kafka_AclBinding_name(acl))},
          {"resourcePatternType", static_cast<int>(rd_kafka_AclBinding_resource_pattern_type(acl))},
          {"principal", nullable(rd_kafka_AclBinding_principal(acl))},
          {"host", nullable(rd_kafka_AclBinding_host(acl))},
          {"operation", static_cast<int>(rd_kafka_AclBinding_operation(acl))},
          {"permissionType", static_cast<int>(rd_kafka_AclBinding_permission_type(acl))}};
}

rd_kafka_ScramMechanism_t mechanismOf(const Args& item) {
  const std::string name = item.string("mechanism");
  if (name == "SCRAM-SHA-256") return RD_KAFKA_SCRAM_MECHANISM_SHA_256;
  if (name == "SCRAM-SHA-512") return RD_KAFKA_SCRAM_MECHANISM_SHA_512;
  item.reject("mechanism", "'SCRAM-SHA-256' or 'SCRAM-SHA-512'");
}

const char* mechanismName(rd_kafka_ScramMechanism_t mechanism) {
  switch (mechanism) {
    case RD_KAFKA_SCRAM_MECHANISM_SHA_256:
      return "SCRAM-SHA-256";
    case RD_KAFKA_SCRAM_MECHANISM_SHA_512:
      return "SCRAM-SHA-512";
    default:
      return "UNKNOWN";
  }
}

std::string userOf(const Args& item) {
  std::string user = item.string("user");
  if (user.empty()) item.reject("user", "a user name");
  return user;
}

const unsigned char* bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

JsonResult createAcls(rd_kafka_t* rk, const Args& args) {
  Acls acls;
  for (const auto& item : args.objects("acls")) add(acls, item, /*filter=*/false);
  if (acls.empty()) return JsonResult::ok(json::array());
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_CREATEACLS, args.timeoutMs());
  rd_kafka_CreateAcls(rk, acls.data(), acls.size(), call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** results =
      rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event.get()), &count);
  auto items = json::array();
  for (size_t i = 0; results && i < count; ++i) {
    items.push_back({{"error", itemError(rd_kafka_acl_result_error(results[i]))}});
  }
  return JsonResult::ok(std::move(items));
}

JsonResult describeAcls(rd_kafka_t* rk, const Args& args) {
  Acls filter;
  add(filter, Args(args.raw("filter"), args.pathOf("filter")), /*filter=*/true);
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_DESCRIBEACLS, args.timeoutMs());
  rd_kafka_DescribeAcls(rk, *filter.data(), call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** acls =
      rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event.get()), &count);
  auto items = json::array();
  for (size_t i = 0; acls && i < count; ++i) items.push_back(aclJson(acls[i]));
  return JsonResult::ok(std::move(items));
}

JsonResult deleteAcls(rd_kafka_t* rk, const Args& args) {
  Acls filters;
  for (const auto& item : args.objects("filters")) add(filters, item, /*filter=*/true);
  if (filters.empty()) return JsonResult::ok(json::array());
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_DELETEACLS, args.timeoutMs());
  rd_kafka_DeleteAcls(rk, filters.data(), filters.size(), call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** responses =
      rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(event.get()), &count);
  auto items = json::array();
  for (size_t i = 0; responses && i < count; ++i) {
    auto matching = json::array();
    size_t matchingCount = 0;
    const auto** acls =
        rd_kafka_DeleteAcls_result_response_matching_acls(responses[i], &matchingCount);
    for (size_t a = 0; acls && a < matchingCount; ++a) {
      json acl = aclJson(acls[a]);
      acl["error"] = itemError(rd_kafka_AclBinding_error(acls[a]));
      matching.push_back(std::move(acl));
    }
    items.push_back({{"error", itemError(rd_kafka_DeleteAcls_result_response_error(responses[i]))},
                     {"matchingAcls", std::move(matching)}});
  }
  return JsonResult::ok(std::move(items));
}

JsonResult describeUserScramCredentials(rd_kafka_t* rk, const Args& args) {
  const auto users = args.has("users") ? args.strings("users") : std::vector<std::string>();
  std::vector<const char*> pointers = pointersOf(users);
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_DESCRIBEUSERSCRAMCREDENTIALS, args.timeoutMs());
  rd_kafka_DescribeUserScramCredentials(rk, pointers.empty() ? nullptr : pointers.data(),
                                        pointers.size(), call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** descriptions = rd_kafka_DescribeUserScramCredentials_result_descriptions(
      rd_kafka_event_DescribeUserScramCredentials_result(event.get()), &count);
  auto items = json::array();
  for (size_t i = 0; descriptions && i < count; ++i) {
    auto credentials = json::array();
    const size_t infoCount =
        rd_kafka_UserScramCredentialsDescription_scramcredentialinfo_count(descriptions[i]);
    for (size_t c = 0; c < infoCount; ++c) {
      const auto* info =
          rd_kafka_UserScramCredentialsDescription_scramcredentialinfo(descriptions[i], c);
      if (!info) continue;
      credentials.push_back(
          {{"mechanism", mechanismName(rd_kafka_ScramCredentialInfo_mechanism(info))},
           {"iterations", rd_kafka_ScramCredentialInfo_iterations(info)}});
    }
    items.push_back(
        {{"user", nullable(rd_kafka_UserScramCredentialsDescription_user(descriptions[i]))},
         {"error", itemError(rd_kafka_UserScramCredentialsDescription_error(descriptions[i]))},
         {"credentials", std::move(credentials)}});
  }
  return JsonResult::ok(std::move(items));
}

JsonResult alterUserScramCredentials(rd_kafka_t* rk, const Args& args) {
  AdminObjects<rd_kafka_UserScramCredentialAlteration_t,
               rd_kafka_UserScramCredentialAlteration_destroy>
      alterations;
  for (const auto& item : args.optionalObjects("upsertions")) {
    const std::string user = userOf(item);
    const std::string password = item.string("password");
    const std::int32_t iterations = item.int32("iterations", 4096);
    std::vector<std::uint8_t> salt;  // empty: a random one
    if (item.has("salt")) {
      const auto decoded = base64Decode(item.string("salt"));
      if (!decoded) item.reject("salt", "base64");
      salt = *decoded;
    }
    if (password.empty()) item.reject("password", "a password");
    if (iterations < 1) item.reject("iterations", "1 or more");
    alterations.add(rd_kafka_UserScramCredentialUpsertion_new(
                        user.c_str(), mechanismOf(item), iterations, bytes(password),
                        password.size(), salt.data(), salt.size()),
                    item.path());
  }
  for (const auto& item : args.optionalObjects("deletions")) {
    const std::string user = userOf(item);
    alterations.add(rd_kafka_UserScramCredentialDeletion_new(user.c_str(), mechanismOf(item)),
                    item.path());
  }
  if (alterations.empty()) return JsonResult::ok(json::array());
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_ALTERUSERSCRAMCREDENTIALS, args.timeoutMs());
  rd_kafka_AlterUserScramCredentials(rk, alterations.data(), alterations.size(), call.options(),
                                     call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** responses = rd_kafka_AlterUserScramCredentials_result_responses(
      rd_kafka_event_AlterUserScramCredentials_result(event.get()), &count);
  auto items = json::array();
  for (size_t i = 0; responses && i < count; ++i) {
    items.push_back(
        {{"user", nullable(rd_kafka_AlterUserScramCredentials_result_response_user(responses[i]))},
         {"error",
          itemError(rd_kafka_AlterUserScramCredentials_result_response_error(responses[i]))}});
  }
  return JsonResult::ok(std::move(items));
}

}  // namespace easyflow::core::admin
