/** What the server and the browser make of the app together, whatever is in it. */
import { expect, test } from '../support/fixtures';

test('the app runs under its content policy, isolated from others', async ({ arrive }) => {
	const { page } = await arrive();
	const answer = await page.goto('/');
	expect(answer?.status()).toBe(200);
	expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'");
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
	expect(await page.evaluate(() => [isSecureContext, crossOriginIsolated])).toEqual([true, true]);
});

test('what an attacker gets into the page does not run', async ({ arrive }) => {
	const person = await arrive();
	const { page } = person;
	person.watch.expect(/Content Security Policy|TrustedHTML|TrustedScript|TrustedTypePolicy|^policy: /);
	await page.goto('/');
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
	const ran = await page.evaluate(async () => {
		const tried: Record<string, string> = {};
		const attempt = (name: string, what: () => unknown) => {
			try {
				what();
				tried[name] = 'done';
			} catch (error) {
				tried[name] = (error as Error).name;
			}
		};
		const spy = window as unknown as { ran?: boolean };
		// what drives the browser may eval; what runs later is the page's own
		await new Promise((resolve) => setTimeout(resolve));
		// biome-ignore lint/security/noGlobalEval: the page must refuse it
		attempt('eval', () => window.eval('window.ran = true'));
		attempt('html', () => {
			document.body.innerHTML += '<img src=x onerror="window.ran = true">';
		});
		attempt('script', () => {
			const script = document.createElement('script');
			script.text = 'window.ran = true';
			document.body.append(script);
		});
		attempt('worker', () => new Worker('data:text/javascript,1'));
		const elsewhere = await fetch('https://example.org/').then(
			() => 'done',
			() => 'refused',
		);
		return { tried, elsewhere, ran: spy.ran === true };
	});
	expect(ran).toEqual({
		tried: { eval: 'EvalError', html: 'TypeError', script: 'TypeError', worker: 'TypeError' },
		elsewhere: 'refused',
		ran: false,
	});
});

test('another site can neither frame the app, embed its files, nor speak for it', async ({
	arrive,
	server,
}) => {
	const person = await arrive();
	const { page } = person;
	person.watch.expect(/./);
	await page.goto(`${server.url}/`);
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
	const context = await page.context().browser()?.newContext();
	const elsewhere = await context?.newPage();
	await elsewhere?.route('http://elsewhere.test/', (route) =>
		route.fulfill({
			contentType: 'text/html',
			body: `<!doctype html><iframe src="${server.url}/"></iframe>`,
		}),
	);
	await elsewhere?.goto('http://elsewhere.test/');
	const told = await elsewhere?.evaluate(
		async ([own, socket]) => {
			const asked = await fetch(`${own}/version.json`).then(
				() => 'read',
				() => 'refused',
			);
			const spoken = await new Promise((resolve) => {
				const web = new WebSocket(socket ?? '', 'chatalk.v1');
				web.onopen = () => resolve('open');
				web.onerror = () => resolve('refused');
			});
			return [asked, spoken];
		},
		[server.url, `${server.url.replace('http', 'ws')}/v1/socket`],
	);
	expect(told).toEqual(['refused', 'refused']);
	const framed = elsewhere?.frames()[1];
	await expect.poll(() => framed?.url()).toMatch(/^chrome-error:/);
	await context?.close();
});

test('a part of an older build is not found, so nothing is mixed', async ({ arrive, server }) => {
	const { page } = await arrive();
	await page.goto('/');
	const answers = await page.request.get(`${server.url}/assets/index-00000000.js`);
	expect(answers.status()).toBe(404);
	const build = await page.locator('meta[name=chatalk-build]').getAttribute('content');
	expect(build).toMatch(/^[0-9a-f]{16}$/);
	expect(await (await page.request.get(`${server.url}/version.json`)).json()).toEqual({ build });
});
