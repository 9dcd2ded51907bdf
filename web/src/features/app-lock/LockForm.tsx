import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppStore, useEngine } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { asFailure } from '../../app/store';
import type { Failure } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { Form } from '../../ui/form/Form';
import { StrengthMeter } from '../../ui/meter/StrengthMeter';
import { TextField } from '../../ui/text-field/TextField';

/** Shorter ones keep nobody out. */
export const LOCK_LENGTH_MIN = 6;

/** Chooses what unlocks the app in this browser. */
export function LockForm({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) {
	const { t } = useTranslation('entry');
	const engine = useEngine();
	const { actions } = useAppStore();
	const [unlock, setUnlock] = useState('');
	const [strength, setStrength] = useState<number | null>(null);
	const [tried, setTried] = useState(false);
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);
	const short = [...unlock].length < LOCK_LENGTH_MIN;

	const typed = useRef('');

	async function type(text: string): Promise<void> {
		typed.current = text;
		setUnlock(text);
		if (text === '') setStrength(null);
		try {
			const score = await engine.passphraseStrength(text, []);
			// the answer to what was typed before is of no use
			if (typed.current === text && text !== '') setStrength(score);
		} catch {
			// without a connection there may be nothing that estimates it; the length is what counts here
			setStrength(null);
		}
	}

	async function submit(): Promise<void> {
		setTried(true);
		if (short || busy) return;
		setBusy(true);
		setFailure(null);
		try {
			await actions.setAppLock(unlock);
			onDone();
		} catch (error) {
			setFailure(asFailure(error));
		}
		setBusy(false);
	}

	return (
		<Form onSubmit={() => void submit()}>
			<TextField
				label={t('lock.label')}
				hint={t('lock.hint')}
				value={unlock}
				onChange={(text) => void type(text)}
				error={tried && short ? t('lock.short', { count: LOCK_LENGTH_MIN }) : null}
				autoComplete="new-password"
				secret
				mono
			/>
			<StrengthMeter score={strength} />
			<FailureBanner failure={failure} />
			<Button type="submit" kind="primary" wide isPending={busy}>
				{t('lock.set')}
			</Button>
			<Button kind="quiet" wide onPress={onCancel}>
				{t('lock.notNow')}
			</Button>
		</Form>
	);
}
