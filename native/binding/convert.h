// Values between Node-API and core.
#pragma once

#include <napi.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/error.h"

namespace easyflow::binding {

// NativeError of lib/native.d.ts, or null.
Napi::Value toJs(Napi::Env env, const core::Error& error);
Napi::Value toJs(Napi::Env env, const nlohmann::json& value);

// ConfigEntries of lib/native.d.ts; throws a TypeError.
core::ConfigEntries configOf(const Napi::Value& value);

// NativeConfigError of lib/native.d.ts.
Napi::Error configError(Napi::Env env, const core::ConfigFailure& failure);

// A TypeError naming what was expected; lib/ has validated already, so this is for its mistakes.
std::string stringOf(const Napi::Value& value, const char* what);
std::uint32_t numberOf(const Napi::Value& value, const char* what);

}  // namespace easyflow::binding
