import type { Browser } from 'playwright-core';
import { ConsolePage, startBrowser } from '../support/browser';
import { qdtls } from '../support/cli';
import { type Command, stopCommands } from '../support/command';
import { describeWith } from '../support/programs';

jest.setTimeout(60_000);

describeWith('chromium')('the console in a browser', () => {
  let browser: Browser;
  let command: Command;
  let address: string;
  let view: ConsolePage;

  beforeAll(async () => {
    browser = await startBrowser();
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    command = qdtls('console');
    [, address = ''] = await command.waitFor(/(http:\/\/\S+)/);
    view = new ConsolePage(await browser.newPage({ viewport: { width: 1440, height: 1000 } }));
    await view.page.goto(address);
    await view.page.locator('#link[data-link=live]').waitFor();
  });

  afterEach(async () => {
    expect(view.complaints).toEqual([]);
    await view.page.close();
    await stopCommands();
  });

  it('listens, connects, shows pings, stops, explains the error that follows, and shuts down', async () => {
    await view.listen();
    await view.connect(3, '250ms');
    await view.page.locator('#client-state', { hasText: '3 of 3 encrypted' }).waitFor();
    await view.atLeast(3, view.page.locator('#client-rows tr', { hasText: /([1-9]\d*) of \1/ }));
    await view.atLeast(3, view.page.locator('#server-rows tr', { hasText: 'DTLS 1.2' }));
    await view.page.locator('#received-lines li', { hasText: 'please acknowledge ping 3' }).first().waitFor();
    await view.page.locator('#received-lines pre', { hasText: '48 65 6c 6c 6f' }).first().waitFor();

    await view.button('server', 'Stop listening').click();
    await view.page.locator('#server-state', { hasText: 'no new clients' }).waitFor();
    await view.page.locator('#client-form summary').click();
    await view.field('client', 'handshake-deadline').fill('500ms');
    await view.connect(1);
    const error = view.page.locator('#log-lines li[data-level=error]', { hasText: 'did not finish within 500 ms' });
    await error.locator('.meaning', { hasText: 'Is the server listening at that address and port' }).waitFor();

    await view.page.locator('#client-form summary').click();
    await view.page.locator('#round-trip-plot path[d*="L"]').waitFor();
    await view.plotted(8);
    await view.picture('console', 'light');
    await view.picture('console', 'dark');

    await view.button('client', 'Shut down all').click();
    await view.atLeast(3, view.page.locator('#client-rows .badge', { hasText: 'closed by us' }));
    await view.page.locator('#server-state', { hasText: 'closed' }).waitFor();
    await view.button('client', 'Forget ended').click();
    await view.page.locator('#client-empty', { hasText: 'No connections.' }).waitFor();
  });

  it('shuts down one connection of several', async () => {
    await view.listen();
    await view.connect(2);
    await view.page.locator('#client-state', { hasText: '2 of 2 encrypted' }).waitFor();
    await view.button('client', 'Shut down Alice (clone number 0)').click();
    await view.page.locator('#client-rows tr', { hasText: 'clone number 0' }).getByText('closed by us').waitFor();
    await view.page.locator('#client-state', { hasText: '1 of 1 encrypted' }).waitFor();
  });

  it('connects by test certificates that one button makes', async () => {
    await view.page.locator('#server-form').getByLabel('Test certificates').check();
    await view.page.locator('#client-form').getByLabel('Test certificates').check();
    await view.button('server', 'Make test certificates').click();
    await view.page.locator('#client-form .test-certificates', { hasText: 'SHA-256 of the authority' }).waitFor();
    await view.listen();
    await view.connect(1);
    await view.lines(/certificate is for "qdtls console test server"/).waitFor();
    await view.page.locator('#client-rows', { hasText: 'ECDHE-ECDSA' }).waitFor();
  });

  it('marks the field that is wrong, says what it expects, and puts the cursor there', async () => {
    await view.page.locator('#client-form summary').click();
    await view.field('client', 'mtu').fill('12');
    await view.page.locator('#client-form summary').click();
    await view.button('client', 'Connect').click();
    await view.page.getByRole('alert').filter({ hasText: '“MTU” must be a number of bytes from 256 to 65535, but "12" was given.' }).waitFor();
    await view.page.locator('#client-form [name=mtu][aria-invalid=true]:focus').waitFor();
    await view.field('client', 'mtu').fill('');
    await view.button('client', 'Connect').click();
    await view.page.locator('#client-rows tr').waitFor();
    expect(await view.page.locator('[aria-invalid]').count()).toBe(0);
    view.complaints.splice(0, 1);
  });

  it('filters the log by text, side and kind', async () => {
    await view.listen();
    await view.connect(1);
    await view.lines('handshake complete').nth(1).waitFor();
    await view.page.locator('#filter-side').selectOption('server');
    expect(await view.lines(/client Alice/).count()).toBe(0);
    await view.lines('listening on').waitFor();
    await view.page.getByRole('checkbox', { name: 'Info' }).uncheck();
    expect(await view.lines('').count()).toBe(0);
    await view.page.getByRole('checkbox', { name: 'Data' }).check();
    await view.page.getByLabel('Text in the log').fill('ACKNOWLEDGE PING 1');
    await view.lines('please acknowledge ping 1').first().waitFor();
    expect(await view.lines('please acknowledge ping 0').count()).toBe(0);
    await view.page.locator('#log-count', { hasText: / of \d+ lines/ }).waitFor();
  });

  it('can be used with the keyboard alone', async () => {
    const { keyboard } = view.page;
    const tabTo = async (selector: string): Promise<void> => {
      for (let presses = 0; presses < 80; presses += 1) {
        await keyboard.press('Tab');
        if ((await view.page.locator(`${selector}:focus`).count()) === 1) return;
      }
      throw new Error(`Tab does not come to ${selector}`);
    };
    await tabTo('#server-form [name=port]');
    await keyboard.type('0');
    await keyboard.press('Enter');
    const badge = view.page.locator('#server-state', { hasText: 'listening on' });
    const port = /\d+$/.exec(await badge.innerText())?.[0] ?? '';
    await tabTo('#client-form [name=port]');
    await keyboard.type(port);
    await keyboard.press('Tab');
    await keyboard.type('2');
    await keyboard.press('Enter');
    await view.page.locator('#client-state', { hasText: '2 of 2 encrypted' }).waitFor();
    await tabTo('#client-rows button');
    await keyboard.press('Space');
    await view.page.locator('#client-rows tr', { hasText: 'clone number 0' }).getByText('closed by us').waitFor();
    await tabTo('#plotted');
    await keyboard.press('ArrowDown');
    await tabTo('#filter-text');
    await keyboard.type('close_notify');
    await view.lines('close_notify sent').waitFor();
    await tabTo('#log-lines');
    await tabTo('#received-lines');
  });

  it('shows after a reload what it showed before, and what was typed', async () => {
    const port = await view.listen();
    await view.connect(2);
    await view.page.locator('#client-state', { hasText: '2 of 2 encrypted' }).waitFor();
    await view.field('client', 'host').fill('typed.example');
    const kept = view.page.waitForResponse(/keep-client-form/);
    await view.field('client', 'connections').focus();
    await kept;
    await view.page.reload();
    await view.page.locator('#client-state', { hasText: '2 of 2 encrypted' }).waitFor();
    await view.page.locator('#server-state', { hasText: `listening on 127.0.0.1:${port}` }).waitFor();
    await view.atLeast(2, view.lines('handshake complete'));
    expect(await view.field('client', 'host').inputValue()).toBe('typed.example');
    expect(await view.field('client', 'port').inputValue()).toBe(port);
    await view.button('server', 'Stop listening').waitFor();
  });

  it('shows the same to two pages at once', async () => {
    const other = new ConsolePage(await browser.newPage());
    await other.page.goto(address);
    await view.listen();
    await other.page.locator('#server-state', { hasText: 'listening on' }).waitFor();
    await other.page.close();
  });

  it('says when the process has ended', async () => {
    command.signal('SIGTERM');
    expect(await command.end()).toBe(0);
    await view.page.locator('#link', { hasText: 'no answer from the process' }).waitFor();
    await view.page.close(); // it goes on asking, and complains each time
    view.complaints.length = 0;
  });

  it('cannot be driven by another page in the same browser', async () => {
    const foreign = await browser.newPage();
    await foreign.route('http://evil.example/', (route) => route.fulfill({ contentType: 'text/html', body: '<p>evil</p>' }));
    await foreign.goto('http://evil.example/');
    const outcome = await foreign.evaluate(async (target) => {
      const simple = { method: 'POST', mode: 'no-cors' as const, body: '{}' };
      await fetch(`${target}actions/listen`, simple).catch(() => undefined);
      const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
      return fetch(`${target}actions/listen`, json).then((response) => response.status, () => 'refused');
    }, address);
    expect(outcome).toBe('refused');
    await foreign.close();
    expect(await view.page.locator('#server-state').innerText()).toBe('closed');
  });
});
