// The classes of the addon; each has a file of its own.
#pragma once

#include <napi.h>

#include <memory>

namespace easyflow::hub {
class Hub;
}

namespace easyflow::binding {

Napi::Function producerClass(Napi::Env env);
Napi::Function consumerClass(Napi::Env env);
Napi::Function adminClass(Napi::Env env);
Napi::Function embeddedClusterClass(Napi::Env env);
Napi::Function hubClass(Napi::Env env);

// The hub of a JS Hub; throws a TypeError.
std::shared_ptr<hub::Hub> hubOf(const Napi::Value& value);

}  // namespace easyflow::binding
