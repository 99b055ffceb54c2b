// `npm run docs`: the reference of every public member as web pages, in docs/reference. A warning is a failure (typedoc.json).

import { ensureDependencies } from './bootstrap.mjs';
import { reportFailure, runTool } from './support/run.mjs';

try {
  await ensureDependencies();
  const { status } = await runTool('typedoc/bin/typedoc', process.argv.slice(2));
  process.exitCode = status;
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
