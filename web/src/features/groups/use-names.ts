import { useTranslation } from 'react-i18next';
import { useFormat } from '../../app/format';
import type { Person } from '../../engine/contract';
import { isolate } from '../timeline/model/clean';

/** So many people are named; of more, the others are counted. */
const named = 5;

/** The names of people within a sentence. */
export function useNames(): (people: readonly Person[]) => string {
	const { t } = useTranslation('groups');
	const format = useFormat();
	return (people) => {
		const names = people.map((person) => isolate(person.displayName));
		const rest = names.length - named;
		if (rest <= 1) return format.list(names);
		return format.list([...names.slice(0, named), t('others', { count: rest })]);
	};
}
