{
  # node: Node's own OpenSSL, which its headers describe. static: the one below openssl_root, as scripts/prebuild.mjs builds it.
  'variables': { 'openssl%': 'node', 'openssl_root%': '' },
  'targets': [{
    'target_name': 'qdtls',
    'sources': [
      '<!@(node -p "const s = require(\'./native/sources.json\'); [...s.core, ...s.binding].join(\' \')")',
    ],
    'defines': ['<!@(node -p "require(\'./native/sources.json\').defines.join(\' \')")'],
    'include_dirs': ['native', '<!(node -p "require(\'node-addon-api\').include_dir")'],
    'cflags': ['-Wall', '-Wextra', '-fvisibility=hidden'],
    'cflags_cc': ['-fno-plt', '-std=c++17', '-fno-exceptions', '-fvisibility-inlines-hidden'],
    'conditions': [
      ['OS=="linux"', {
        # now: a process without OpenSSL's symbols fails at require(), not at the first call.
        # nodelete: OpenSSL's thread destructors outlive the environment that loaded the addon.
        'ldflags': [
          '-Wl,-z,relro,-z,now,-z,nodelete',
          '-Wl,--version-script=<(module_root_dir)/native/exports.map',
        ],
      }],
      ['OS=="mac"', {
        'xcode_settings': {
          'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
          'GCC_ENABLE_CPP_EXCEPTIONS': 'NO',
          'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
          'MACOSX_DEPLOYMENT_TARGET': '11.0',
          'OTHER_LDFLAGS': ['-Wl,-bind_at_load'],
        },
      }],
      ['OS=="win"', {
        'msvs_settings': { 'VCCLCompilerTool': { 'AdditionalOptions': ['/std:c++17'] } },
      }],
      ['openssl=="static"', {
        # Node's include folder has OpenSSL's headers too, and node-gyp names it first: it goes, and comes again behind ours.
        'include_dirs!': ['<(node_root_dir)/include/node'],
        'include_dirs': ['<(openssl_root)/include', '<(node_root_dir)/include/../include/node'],
        'defines': ['QDTLS_CARRIES_OPENSSL'],
        'conditions': [
          ['OS=="linux"', {
            'libraries': ['<(openssl_root)/libssl.a', '<(openssl_root)/libcrypto.a', '-lpthread', '-ldl'],
            'cflags': ['-ffunction-sections', '-fdata-sections'],
            # exclude-libs, Bsymbolic: else the process's own OpenSSL answers the same names, and nobody notices.
            'ldflags': [
              '-Wl,--exclude-libs,ALL', '-Wl,-Bsymbolic', '-Wl,--gc-sections', '-static-libstdc++', '-static-libgcc',
            ],
          }],
          ['OS=="mac"', {
            'libraries': ['<(openssl_root)/libssl.a', '<(openssl_root)/libcrypto.a'],
            'xcode_settings': {
              'DEAD_CODE_STRIPPING': 'YES',
              'OTHER_LDFLAGS': [
                '-Wl,-exported_symbol,_napi_register_module_v1',
                '-Wl,-exported_symbol,_node_api_module_get_api_version_v1',
              ],
            },
          }],
          ['OS=="win"', {
            'libraries': [
              '<(openssl_root)/libssl.lib', '<(openssl_root)/libcrypto.lib',
              '-lcrypt32.lib', '-lws2_32.lib', '-ladvapi32.lib', '-luser32.lib',
            ],
          }],
        ],
      }],
    ],
  }],
}
