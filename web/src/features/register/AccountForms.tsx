import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FailureBanner } from '../../app/FailureBanner';
import { useFailureText } from '../../app/failures';
import { useDeviceName } from '../../app/use-device-name';
import type { Failure } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { Form } from '../../ui/form/Form';
import type { AccountModel, NamesProblem, PassphraseProblem } from './account-model';
import { NamesFields } from './NamesFields';
import { PassphraseChooser } from './PassphraseChooser';

/** What the models of the ways to an account have in common. */
interface Way {
	account: AccountModel;
	next(): void;
	back(): void;
	finish(deviceName: string): Promise<void>;
}

export interface NamesFormProps {
	model: Way;
	state: { namesProblem: NamesProblem | null; refusedName: Failure | null };
	/** There is something before it. */
	canGoBack?: boolean;
}

/** How one wants to be called. */
export function NamesForm({ model, state, canGoBack }: NamesFormProps) {
	const { t } = useTranslation('entry');
	const say = useFailureText();
	const { namesProblem, refusedName } = state;
	return (
		<Form onSubmit={model.next}>
			<NamesFields model={model.account} problem={namesProblem} refused={refusedName && say(refusedName)} />
			<Button type="submit" kind="primary" wide>
				{t('next')}
			</Button>
			{canGoBack && (
				<Button kind="quiet" wide onPress={model.back}>
					{t('back')}
				</Button>
			)}
		</Form>
	);
}

export interface PassphraseFormProps {
	model: Way;
	state: { passphraseProblem: PassphraseProblem | null; failure: Failure | null; busy: boolean };
	/** What the last button does. */
	finish: string;
	/** More to decide. */
	children?: ReactNode;
}

/** What one comes back with; then the account is made. */
export function PassphraseForm({ model, state, finish, children }: PassphraseFormProps) {
	const { t } = useTranslation('entry');
	const deviceName = useDeviceName();
	const { passphraseProblem, failure, busy } = state;
	return (
		<Form onSubmit={() => void model.finish(deviceName)}>
			<PassphraseChooser model={model.account} problem={passphraseProblem} />
			{children}
			<FailureBanner failure={failure} />
			<Button type="submit" kind="primary" wide isPending={busy}>
				{finish}
			</Button>
			<p role="status" className="visually-hidden">
				{busy ? t('register.busy') : ''}
			</p>
			<Button kind="quiet" wide onPress={model.back} isDisabled={busy}>
				{t('back')}
			</Button>
		</Form>
	);
}
