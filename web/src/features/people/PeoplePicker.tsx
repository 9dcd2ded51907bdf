import type { ReactNode } from 'react';
import { Autocomplete } from 'react-aria-components/Autocomplete';
import type { Selection } from 'react-aria-components/ListBox';
import { useTranslation } from 'react-i18next';
import type { Id, Person } from '../../engine/contract';
import { Avatar } from '../../ui/avatar/Avatar';
import { CheckIcon } from '../../ui/icons';
import { ListBox, ListBoxItem } from '../../ui/list-box/ListBox';
import { SearchField } from '../../ui/search-field/SearchField';
import { Skeleton } from '../../ui/skeleton/Skeleton';
import { cleanLine } from '../timeline/model/clean';
import styles from './PeoplePicker.module.css';
import { PersonMarks } from './PersonMarks';

export interface PeoplePickerProps {
	label: string;
	query: string;
	/** null: not looked for yet. */
	people: readonly Person[] | null;
	onQuery: (query: string) => void;
	/** Chosen; or no longer, where several are chosen and this one was. */
	onChoose: (person: Person) => void;
	/** Several are chosen: these, which need not be among those that are found. */
	chosen?: readonly Person[];
	isDisabled: boolean;
	/** What went wrong, if something did: stands where the eyes are, between what is typed and what is found. */
	trouble: ReactNode;
	/** Stands between what is typed and what is found as well: who is chosen. */
	between?: ReactNode;
	/** Why the list is empty, where nothing was typed. */
	nobodyYet?: string;
}

/** A search field with the people it finds below; arrow keys go through them while one types. */
export function PeoplePicker({ label, query, trouble, between, isDisabled, ...props }: PeoplePickerProps) {
	return (
		<Autocomplete inputValue={query} onInputChange={props.onQuery}>
			<SearchField label={label} labelShown autoFocus isDisabled={isDisabled} />
			{between}
			{trouble}
			<div className={styles.found}>
				{props.people === null ? (
					!trouble && <Shapes />
				) : (
					<Found {...props} people={props.people} query={query} />
				)}
			</div>
		</Autocomplete>
	);
}

type FoundProps = Pick<PeoplePickerProps, 'query' | 'onChoose' | 'chosen' | 'nobodyYet'> & {
	people: readonly Person[];
};

function Found({ people, query, onChoose, chosen, nobodyYet }: FoundProps) {
	const { t } = useTranslation('people');
	const choose = (member: unknown) => {
		const person = people.find((one) => one.member === member);
		if (person) onChoose(person);
	};
	const selected = chosen?.map((person) => person.member);
	return (
		<ListBox
			aria-label={t('new.list')}
			items={people.map((person) => ({ id: person.member, person }))}
			renderEmptyState={() => (
				<p className={styles.nobody}>
					{query.trim() === '' ? (nobodyYet ?? t('new.nobodyYet')) : t('new.nobody')}
				</p>
			)}
			{...(selected === undefined
				? { selectionMode: 'none', onAction: choose }
				: {
						selectionMode: 'multiple',
						selectedKeys: selected,
						escapeKeyBehavior: 'none',
						onSelectionChange: (now) => changed(people, selected, now).forEach(choose),
					})}
		>
			{({ person }) => (
				<ListBoxItem textValue={cleanLine(person.displayName)}>
					<Avatar name={cleanLine(person.displayName)} id={person.member} />
					<span className={styles.names}>
						<bdi className={styles.name}>{cleanLine(person.displayName)}</bdi>
						<bdi className={styles.login}>{cleanLine(person.loginName)}</bdi>
					</span>
					<PersonMarks person={person} />
					{selected?.includes(person.member) && <CheckIcon className={styles.check} />}
				</ListBoxItem>
			)}
		</ListBox>
	);
}

/** Who of those that are found is chosen now and was not, or the other way round; the list knows of nobody else. */
function changed(people: readonly Person[], before: readonly Id[], now: Selection): Id[] {
	const is = (id: Id) => now === 'all' || now.has(id);
	return people.map((person) => person.member).filter((id) => is(id) !== before.includes(id));
}

function Shapes() {
	return (
		<div className={styles.shapes} aria-hidden="true">
			{['a', 'b', 'c', 'd'].map((key) => (
				<span key={key} className={styles.shape}>
					<Skeleton width="2.75rem" height="2.75rem" round />
					<Skeleton width="12rem" />
				</span>
			))}
		</div>
	);
}
