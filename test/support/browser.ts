import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { findProgram } from './programs';

/** Of the browser's world, in which a function for waitForFunction() runs, only what is used here. */
declare const document: {
  querySelector(selector: string): { getAttribute(name: string): string | null } | null;
};

/** Where pictures of a run are kept: not in git. */
const ARTIFACTS = path.join(__dirname, '..', '..', 'artifacts');

/** Milliseconds that the page may take for anything. */
const PATIENCE = 15_000;

/** A sanitizer's runtime that was put into this process is not for other people's programs. */
function environment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => name !== 'LD_PRELOAD');
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']));
}

/** Starts the system's Chromium. */
export function startBrowser(): Promise<Browser> {
  // Its sandbox does not work for root, which is who runs tests in a container.
  const chromiumSandbox = process.getuid?.() !== 0;
  return chromium.launch({ executablePath: findProgram('chromium') ?? 'chromium', chromiumSandbox, env: environment() });
}

/** The console's page, used as a person would. */
export class ConsolePage {
  readonly page: Page;
  /** What the page itself complained about: script errors, refused loads. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith('http://127.0.0.1:')) this.complaints.push(`asked for ${request.url()}`);
    });
  }

  field(side: 'server' | 'client', name: string): Locator {
    return this.page.locator(`#${side}-form [name="${name}"]`).locator('visible=true');
  }

  button(side: 'server' | 'client', name: string): Locator {
    return this.page.locator(`#${side}`).getByRole('button', { name, exact: true });
  }

  /** Listens at a free port and returns it, also in the form of the clients. */
  async listen(): Promise<string> {
    await this.field('server', 'port').fill('0');
    await this.button('server', 'Start listening').click();
    const badge = this.page.locator('#server-state', { hasText: 'listening on' });
    const port = /\d+$/.exec(await badge.innerText())?.[0] ?? '';
    await this.field('client', 'port').fill(port);
    return port;
  }

  async connect(connections: number, pingInterval = '100ms'): Promise<void> {
    await this.field('client', 'connections').fill(String(connections));
    await this.field('client', 'ping-interval').fill(pingInterval);
    await this.button('client', 'Connect').click();
  }

  /** Lines of the log that are shown, with this text. */
  lines(text: string | RegExp): Locator {
    return this.page.locator('#log-lines li', { hasText: text }).locator('visible=true');
  }

  /** Resolves when at least so many elements fit. */
  async atLeast(count: number, locator: Locator): Promise<void> {
    await locator.nth(count - 1).waitFor({ state: 'attached' });
  }

  /** Resolves when the plot of datagrams has more than so many points. */
  async plotted(points: number): Promise<void> {
    const draws = (least: number): boolean => {
      const path = document.querySelector('#rate-plot .received')?.getAttribute('d') ?? '';
      return path.split('L').length > least;
    };
    await this.page.waitForFunction(draws, points);
  }

  /** A picture of the whole page in this mode. */
  async picture(name: string, colorScheme: 'light' | 'dark'): Promise<void> {
    mkdirSync(ARTIFACTS, { recursive: true });
    await this.page.emulateMedia({ colorScheme });
    await this.page.screenshot({ path: path.join(ARTIFACTS, `${name}-${colorScheme}.png`), fullPage: true });
  }
}
