import { useTranslation } from 'react-i18next';
import { Checkbox } from '../../ui/checkbox/Checkbox';

/** Keeps nothing on a computer that others use as well. */
export function PublicComputer({ chosen, onChange }: { chosen: boolean; onChange: (on: boolean) => void }) {
	const { t } = useTranslation('entry');
	return (
		<Checkbox
			label={t('publicComputer.label')}
			hint={t('publicComputer.hint')}
			isSelected={chosen}
			onChange={onChange}
		/>
	);
}
