#include "core/openssl_init.h"

#include <openssl/crypto.h>

namespace easyflow::core {

// The first initialisation decides: OPENSSL_INIT_NO_ATEXIT has no effect afterwards.
void initOpenSsl() { OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr); }

}  // namespace easyflow::core
