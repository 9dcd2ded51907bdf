import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { TextField } from '../../ui/text-field/TextField';
import type { AccountModel, NamesProblem } from './account-model';

export interface NamesFieldsProps {
	model: AccountModel;
	problem: NamesProblem | null;
	/** What the server has against the login name. */
	refused: string | null;
}

/** How others see somebody, and the name to sign in with. */
export function NamesFields({ model, problem, refused }: NamesFieldsProps) {
	const { t } = useTranslation('entry');
	const displayName = useStore(model, (state) => state.displayName);
	const loginName = useStore(model, (state) => state.loginName);
	return (
		<>
			<TextField
				label={t('names.display')}
				hint={t('names.displayHint')}
				value={displayName}
				onChange={model.setDisplayName}
				error={problem === 'nameNeeded' ? t('names.problem.nameNeeded') : null}
				autoComplete="name"
				maxLength={64}
			/>
			<TextField
				label={t('names.login')}
				hint={t('names.loginHint')}
				value={loginName}
				onChange={model.setLoginName}
				error={
					refused ?? (problem !== null && problem !== 'nameNeeded' ? t(`names.problem.${problem}`) : null)
				}
				autoComplete="username"
				exact
				maxLength={64}
			/>
		</>
	);
}
