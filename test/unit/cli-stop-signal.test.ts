import { StopSignal } from '../../lib/cli/stop-signal';

describe('StopSignal', () => {
  let exit: jest.SpyInstance;
  let now: jest.SpyInstance;

  beforeEach(() => {
    exit = jest.spyOn(process, 'exit').mockImplementation(() => {
      throw new Error('the process would end here');
    });
    now = jest.spyOn(performance, 'now').mockReturnValue(1000);
  });

  afterEach(() => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
    jest.restoreAllMocks();
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('takes %s as a request to end', async (signal) => {
    const stop = new StopSignal();
    process.emit(signal);
    await stop.requested;
    expect(exit).not.toHaveBeenCalled();
  });

  it('takes signals in quick succession as one request', () => {
    new StopSignal();
    process.emit('SIGINT');
    now.mockReturnValue(1400);
    process.emit('SIGINT');
    expect(exit).not.toHaveBeenCalled();
  });

  it('ends the process at once when a second request comes later', () => {
    new StopSignal();
    process.emit('SIGINT');
    now.mockReturnValue(2000);
    expect(() => process.emit('SIGINT')).toThrow('the process would end here');
    expect(exit).toHaveBeenCalledWith(130);
  });
});
