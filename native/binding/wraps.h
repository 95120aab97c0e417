// The classes of the addon; each has a file of its own.
#pragma once

#include <napi.h>

namespace easyflow::binding {

Napi::Function producerClass(Napi::Env env);
Napi::Function consumerClass(Napi::Env env);
Napi::Function adminClass(Napi::Env env);
Napi::Function embeddedClusterClass(Napi::Env env);

}  // namespace easyflow::binding
