import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useApp, useAppStore } from '../../app/engine-context';
import { Button } from '../../ui/button/Button';
import { Form } from '../../ui/form/Form';
import { BackLink } from '../../ui/page/BackLink';
import { ScreenHeading } from '../../ui/page/ScreenHeading';
import { TextField } from '../../ui/text-field/TextField';
import { GroupTrouble } from '../groups/GroupTrouble';
import { choosable } from '../groups/model/choosing';
import { titleMax } from '../groups/model/title';
import { useNames } from '../groups/use-names';
import { Chosen } from '../people/Chosen';
import { PeoplePicker } from '../people/PeoplePicker';
import { SearchTrouble } from '../people/SearchTrouble';
import { usePeopleSearch } from '../people/use-people-search';
import styles from './NewConversation.module.css';
import { createNewGroupModel, type NewGroupModel } from './new-group-model';

/** A new group: choosing people, then (`naming`) giving it a name. */
export function NewGroup({ naming }: { naming: boolean }) {
	const { t } = useTranslation('groups');
	const navigate = useNavigate();
	const app = useAppStore();
	const [model] = useState(() => createNewGroupModel(app));
	const nobody = useStore(model, (state) => state.chosen.length === 0);
	const astray = naming && nobody;
	useEffect(() => {
		// the address was opened anew: who was chosen is gone
		if (astray) void navigate({ to: '/new/group', replace: true });
	}, [astray, navigate]);
	return (
		<section className={styles.pane} aria-label={t('new.title')}>
			{naming && !nobody ? <Naming model={model} /> : <Choosing model={model} />}
		</section>
	);
}

function Choosing({ model }: { model: NewGroupModel }) {
	const { t } = useTranslation('groups');
	const navigate = useNavigate();
	const me = useApp((state) => state.session?.me.member ?? '');
	const search = usePeopleSearch();
	const { query, found, failure } = useStore(search);
	const chosen = useStore(model, (state) => state.chosen);
	return (
		<>
			<header className={styles.header}>
				<BackLink to="/new" label={t('new.back')} />
				<ScreenHeading title={t('new.title')} />
			</header>
			<PeoplePicker
				label={t('picker.search')}
				query={query}
				people={choosable(found, [me])}
				onQuery={search.look}
				onChoose={model.toggle}
				chosen={chosen}
				isDisabled={false}
				between={<Chosen people={chosen} onRemove={model.remove} isDisabled={false} />}
				trouble={failure && <SearchTrouble failure={failure} onRetry={search.retry} />}
			/>
			<div className={styles.actions}>
				<Button
					kind="primary"
					isDisabled={chosen.length === 0}
					onPress={() => void navigate({ to: '/new/group/name' })}
				>
					{t('new.next')}
				</Button>
			</div>
		</>
	);
}

function Naming({ model }: { model: NewGroupModel }) {
	const { t } = useTranslation('groups');
	const navigate = useNavigate();
	const names = useNames();
	const { chosen, title, tooLong, busy, failure } = useStore(model);
	const refused = failure?.is === 'name';

	async function create(): Promise<void> {
		const conversation = await model.create();
		if (conversation !== null)
			void navigate({ to: '/c/$conversation', params: { conversation }, replace: true });
	}

	return (
		<>
			<header className={styles.header}>
				<BackLink to="/new/group" label={t('new.backToPeople')} />
				<ScreenHeading title={t('new.nameTitle')} />
			</header>
			<Form onSubmit={() => void create()}>
				<TextField
					label={t('new.name')}
					hint={t('new.nameHint')}
					value={title}
					onChange={model.write}
					error={tooLong ? t('problem.tooLong', { max: titleMax }) : refused ? t('problem.title') : null}
					autoComplete="off"
					autoFocus
				/>
				<p className={styles.with}>{t('new.with', { names: names(chosen) })}</p>
				<GroupTrouble failure={refused ? null : failure} />
				<div className={styles.actions}>
					<Button type="submit" kind="primary" isPending={busy}>
						{t('new.create')}
					</Button>
				</div>
			</Form>
		</>
	);
}
