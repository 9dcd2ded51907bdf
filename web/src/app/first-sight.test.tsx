import { fireEvent } from '@testing-library/react';
import { useState } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endFirstSight, showFirstSight } from './first-sight';

const FORM = `
	<div><main><h1>Sign in</h1><form>
		<input type="text" aria-label="name"><input type="password" aria-label="passphrase">
		<input type="checkbox" aria-label="public"><span data-style="color: red">!</span>
		<button type="submit">go</button>
	</form></main></div>`;

let app: Root | null = null;
let sent: unknown[] = [];

beforeEach(() => {
	sent = [];
	document.body.innerHTML = `<template id="first-sight-en">${FORM}</template><div id="root"></div>`;
});

afterEach(() => {
	app?.unmount();
	app = null;
});

function SignIn() {
	const [name, setName] = useState('');
	const [passphrase, setPassphrase] = useState('');
	const [isPublic, setPublic] = useState(false);
	return (
		<div>
			<main>
				<h1>Sign in</h1>
				<form
					onSubmit={(event) => {
						event.preventDefault();
						sent.push({ name, passphrase, isPublic });
					}}
				>
					<input aria-label="name" value={name} onChange={(event) => setName(event.target.value)} />
					<input
						type="password"
						aria-label="passphrase"
						value={passphrase}
						onChange={(event) => setPassphrase(event.target.value)}
					/>
					<input
						type="checkbox"
						aria-label="public"
						checked={isPublic}
						onChange={(event) => setPublic(event.target.checked)}
					/>
					<button type="submit">go</button>
				</form>
			</main>
		</div>
	);
}

async function draw(screen: React.ReactNode): Promise<void> {
	app = createRoot(document.getElementById('root') as HTMLElement);
	app.render(screen);
	await expect.poll(() => document.querySelector('.first-sight')).toBeNull();
}

function field(label: string): HTMLInputElement {
	const found = document.querySelectorAll<HTMLInputElement>(`[aria-label="${label}"]`);
	expect(found).toHaveLength(1);
	return found[0] as HTMLInputElement;
}

test('what was typed stays, with the place where one was typing', async () => {
	showFirstSight('en');
	fireEvent.input(field('name'), { target: { value: 'amina' } });
	fireEvent.input(field('passphrase'), { target: { value: 'four wor' } });
	field('passphrase').focus();
	field('passphrase').setSelectionRange(4, 6);
	const before = field('name');
	await draw(<SignIn />);
	expect(field('name')).not.toBe(before);
	expect(field('name').value).toBe('amina');
	expect(field('passphrase').value).toBe('four wor');
	expect(document.activeElement).toBe(field('passphrase'));
	expect([field('passphrase').selectionStart, field('passphrase').selectionEnd]).toEqual([4, 6]);
	expect(sent).toEqual([]);
});

test('what was pressed is pressed in the app, in that order', async () => {
	showFirstSight('en');
	fireEvent.input(field('name'), { target: { value: 'amina' } });
	field('public').click();
	document.querySelector('button')?.click();
	expect(document.querySelector('button')?.dataset.waits).toBeDefined();
	await draw(<SignIn />);
	await expect.poll(() => sent).toEqual([{ name: 'amina', passphrase: '', isPublic: true }]);
});

test('where the app shows another screen, nothing of it is left', async () => {
	showFirstSight('en');
	fireEvent.input(field('passphrase'), { target: { value: 'secret' } });
	document.querySelector('button')?.click();
	await draw(
		<main>
			<h1>Set up</h1>
			<input aria-label="code" />
		</main>,
	);
	await new Promise((resolve) => setTimeout(resolve));
	expect(field('code').value).toBe('');
});

test('styles come by the way that the policy allows, and without the words there is nothing', () => {
	showFirstSight('en');
	expect(document.querySelector<HTMLElement>('.first-sight span')?.style.color).toBe('red');
	endFirstSight();
	showFirstSight('eo');
	expect(document.querySelector('.first-sight')).toBeNull();
});
