import { Settlement } from '../../lib/endpoint/settlement';

describe('Settlement', () => {
  it.each(['before', 'after'] as const)('resolves a promise that was asked for %s', async (when) => {
    const settlement = new Settlement<number>();
    const early = when === 'before' ? settlement.promise : null;
    settlement.resolve(1);
    await expect(early ?? settlement.promise).resolves.toBe(1);
  });

  it.each(['before', 'after'] as const)('rejects a promise that was asked for %s', async (when) => {
    const settlement = new Settlement<number>();
    const early = when === 'before' ? settlement.promise : null;
    settlement.reject(new Error('over'));
    await expect(early ?? settlement.promise).rejects.toThrow('over');
  });

  it('is settled once: the first call counts', async () => {
    const settlement = new Settlement<number>();
    settlement.resolve(1);
    settlement.reject(new Error('too late'));
    settlement.resolve(2);
    await expect(settlement.promise).resolves.toBe(1);
  });

  it('gives the same promise each time', () => {
    const settlement = new Settlement<number>();
    expect(settlement.promise).toBe(settlement.promise);
  });

  it('makes no unhandled rejection of what nobody awaits', async () => {
    const heard = jest.fn();
    process.on('unhandledRejection', heard);
    const asked = new Settlement<number>();
    void asked.promise;
    asked.reject(new Error('over'));
    new Settlement<number>().reject(new Error('over'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', heard);
    expect(heard).not.toHaveBeenCalled();
  });
});
