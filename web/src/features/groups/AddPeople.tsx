import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useAppStore } from '../../app/engine-context';
import type { Conversation, Group } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { Dialog } from '../../ui/dialog/Dialog';
import { toast } from '../../ui/toast/toasts';
import { Chosen } from '../people/Chosen';
import { PeoplePicker } from '../people/PeoplePicker';
import { SearchTrouble } from '../people/SearchTrouble';
import { usePeopleSearch } from '../people/use-people-search';
import styles from './GroupDetails.module.css';
import { GroupTrouble } from './GroupTrouble';
import { createAddingModel } from './model/adding-model';
import { choosable } from './model/choosing';
import { useNames } from './use-names';

export interface AddPeopleProps {
	conversation: Conversation;
	group: Group;
	onClose: () => void;
}

/** Choosing who comes into a group; who can't come in stays chosen, and is named. */
export function AddPeople({ conversation, group, onClose }: AddPeopleProps) {
	const { t } = useTranslation('groups');
	const app = useAppStore();
	const [model] = useState(() => createAddingModel(app, conversation.conversation));
	const { chosen, busy, failure } = useStore(model);
	const { members } = conversation;
	useEffect(() => model.came(members.map((person) => person.member)), [model, members]);

	async function add(): Promise<void> {
		const count = await model.add();
		if (count === null) return;
		toast(t('add.added', { count }));
		onClose();
	}

	return (
		<Dialog
			isOpen
			onClose={onClose}
			title={t('add.title')}
			actions={
				<>
					<Button onPress={onClose}>{t('add.cancel')}</Button>
					<Button kind="primary" onPress={() => void add()} isPending={busy} isDisabled={chosen.length === 0}>
						{chosen.length === 0 ? t('add.confirm') : t('add.confirmCount', { count: chosen.length })}
					</Button>
				</>
			}
		>
			<p className={styles.muted}>{t(group.historyAll ? 'add.historyAll' : 'add.fromNow')}</p>
			<Picker conversation={conversation} model={model} busy={busy} />
			<NotAdded chosen={chosen} failure={failure} />
		</Dialog>
	);
}

type Adding = ReturnType<typeof createAddingModel>;

function Picker({ conversation, model, busy }: { conversation: Conversation; model: Adding; busy: boolean }) {
	const { t } = useTranslation('groups');
	const search = usePeopleSearch();
	const { query, found, failure } = useStore(search);
	const chosen = useStore(model, (state) => state.chosen);
	const members = conversation.members.map((person) => person.member);
	return (
		<div className={styles.add}>
			<PeoplePicker
				label={t('picker.search')}
				query={query}
				people={choosable(found, members)}
				onQuery={search.look}
				onChoose={model.toggle}
				chosen={chosen}
				isDisabled={false}
				nobodyYet={t('picker.nobodyLeft')}
				between={<Chosen people={chosen} onRemove={model.remove} isDisabled={busy} />}
				trouble={failure && <SearchTrouble failure={failure} onRetry={search.retry} />}
			/>
		</div>
	);
}

/** Who is still not in, once it was tried. */
function NotAdded({ chosen, failure }: Pick<ReturnType<Adding['getState']>, 'chosen' | 'failure'>) {
	const { t } = useTranslation('groups');
	const names = useNames();
	// without a connection, or without the right, nobody is in: that is said by why
	const single = failure !== null && ['server', 'noPerson', 'identityChanged'].includes(failure.is);
	const what =
		single && chosen.length > 0
			? t('problem.notAdded', { names: names(chosen), count: chosen.length })
			: null;
	return <GroupTrouble failure={failure} what={what} />;
}
