import type { ReactNode } from 'react';
import { Autocomplete } from 'react-aria-components/Autocomplete';
import { useTranslation } from 'react-i18next';
import type { Person } from '../../engine/contract';
import { Avatar } from '../../ui/avatar/Avatar';
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
	onChoose: (person: Person) => void;
	isDisabled: boolean;
	/** What went wrong, if something did: stands where the eyes are, between what is typed and what is found. */
	trouble: ReactNode;
}

/** A search field with the people it finds below; arrow keys go through them while one types. */
export function PeoplePicker({ label, query, people, trouble, ...props }: PeoplePickerProps) {
	const { onQuery, onChoose, isDisabled } = props;
	const { t } = useTranslation('people');
	return (
		<Autocomplete inputValue={query} onInputChange={onQuery}>
			<SearchField label={label} labelShown autoFocus isDisabled={isDisabled} />
			{trouble}
			<div className={styles.found}>
				{people === null ? (
					!trouble && <Shapes />
				) : (
					<ListBox
						aria-label={t('new.list')}
						selectionMode="none"
						items={people.map((person) => ({ id: person.member, person }))}
						onAction={(key) => {
							const person = people.find((one) => one.member === key);
							if (person) onChoose(person);
						}}
						renderEmptyState={() => (
							<p className={styles.nobody}>{t(query.trim() === '' ? 'new.nobodyYet' : 'new.nobody')}</p>
						)}
					>
						{({ person }) => (
							<ListBoxItem textValue={cleanLine(person.displayName)}>
								<Avatar name={cleanLine(person.displayName)} id={person.member} />
								<span className={styles.names}>
									<bdi className={styles.name}>{cleanLine(person.displayName)}</bdi>
									<bdi className={styles.login}>{cleanLine(person.loginName)}</bdi>
								</span>
								<PersonMarks person={person} />
							</ListBoxItem>
						)}
					</ListBox>
				)}
			</div>
		</Autocomplete>
	);
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
