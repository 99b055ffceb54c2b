{
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
    ],
  }],
}
