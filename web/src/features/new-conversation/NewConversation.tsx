import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useApp } from '../../app/engine-context';
import type { Person } from '../../engine/contract';
import { ForwardIcon, PeopleIcon } from '../../ui/icons';
import { ButtonLink } from '../../ui/link/ButtonLink';
import { BackLink } from '../../ui/page/BackLink';
import { ScreenHeading } from '../../ui/page/ScreenHeading';
import { choosable } from '../groups/model/choosing';
import { PeoplePicker } from '../people/PeoplePicker';
import { SearchTrouble } from '../people/SearchTrouble';
import { useOpenDirect } from '../people/use-open-direct';
import { usePeopleSearch } from '../people/use-people-search';
import styles from './NewConversation.module.css';

/** Finding somebody by name, and writing to them; or the way to a group. */
export function NewConversation() {
	const { t } = useTranslation('people');
	const { t: home } = useTranslation('home');
	const navigate = useNavigate();
	const admin = useApp((state) => state.session?.role === 'admin');
	const me = useApp((state) => state.session?.me.member ?? '');
	const search = usePeopleSearch();
	const { opening, failure, openDirect } = useOpenDirect();
	const state = useStore(search);
	const wrong = failure ?? state.failure;

	async function choose(person: Person): Promise<void> {
		const conversation = await openDirect(person);
		if (conversation !== null)
			void navigate({ to: '/c/$conversation', params: { conversation }, replace: true });
	}

	return (
		<section className={styles.pane} aria-label={t('new.title')}>
			<header className={styles.header}>
				<BackLink to="/" label={home('back')} />
				<ScreenHeading title={t('new.title')} />
			</header>
			<Link to="/new/group" className={styles.group}>
				<span className={styles.face}>
					<PeopleIcon />
				</span>
				<span className={styles.words}>
					<span className={styles.name}>{t('new.group')}</span>
					<span className={styles.lead}>{t('new.groupLead')}</span>
				</span>
				<ForwardIcon />
			</Link>
			<PeoplePicker
				label={t('new.search')}
				query={state.query}
				people={choosable(state.found, [me])}
				onQuery={search.look}
				onChoose={(person) => void choose(person)}
				isDisabled={opening !== null}
				trouble={wrong && <SearchTrouble failure={wrong} onRetry={failure ? null : search.retry} />}
			/>
			{admin && (
				<p className={styles.invite}>
					<span>{t('new.inviteLead')}</span>
					<ButtonLink kind="quiet" to="/settings/invite">
						{t('new.invite')}
					</ButtonLink>
				</p>
			)}
		</section>
	);
}
