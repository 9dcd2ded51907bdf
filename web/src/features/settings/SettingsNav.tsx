import { Link, type LinkProps } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp } from '../../app/engine-context';
import type settings from '../../locales/en/settings.json';
import {
	ComposeIcon,
	DeviceIcon,
	EditIcon,
	ForwardIcon,
	HelpIcon,
	type IconProps,
	InfoIcon,
	LockIcon,
	PaletteIcon,
	PeopleIcon,
	PersonIcon,
	PlusIcon,
	PrintIcon,
	SignOutIcon,
	StorageIcon,
} from '../../ui/icons';
import styles from './Settings.module.css';
import { SignOutDialog } from './SignOutDialog';

interface Entry {
	to: LinkProps['to'];
	text: keyof (typeof settings)['nav'];
	Icon: ComponentType<IconProps>;
	adminOnly?: boolean;
}

const ENTRIES: Entry[] = [
	{ to: '/settings/profile', text: 'profile', Icon: PersonIcon },
	{ to: '/settings/passphrase', text: 'passphrase', Icon: EditIcon },
	{ to: '/settings/recovery', text: 'recovery', Icon: PrintIcon },
	{ to: '/settings/devices', text: 'devices', Icon: DeviceIcon },
	{ to: '/settings/lock', text: 'lock', Icon: LockIcon },
	{ to: '/settings/appearance', text: 'appearance', Icon: PaletteIcon },
	{ to: '/settings/messages', text: 'messages', Icon: ComposeIcon },
	{ to: '/settings/storage', text: 'storage', Icon: StorageIcon },
	{ to: '/settings/people', text: 'people', Icon: PeopleIcon, adminOnly: true },
	{ to: '/settings/invite', text: 'invite', Icon: PlusIcon, adminOnly: true },
	{ to: '/settings/about', text: 'about', Icon: InfoIcon },
	{ to: '/help', text: 'help', Icon: HelpIcon },
];

/** The sections of the settings, and the way out. */
export function SettingsNav() {
	const { t } = useTranslation('settings');
	const admin = useApp((state) => state.session?.role === 'admin');
	const [leaving, setLeaving] = useState(false);
	return (
		<nav aria-label={t('title')}>
			<ul className={styles.nav}>
				{ENTRIES.filter((entry) => admin || !entry.adminOnly).map(({ to, text, Icon }) => (
					<li key={text}>
						<Link to={to} className={styles.entry} activeProps={{ className: styles.current ?? '' }}>
							<Icon />
							<span className={styles.entryText}>{t(`nav.${text}`)}</span>
							<ForwardIcon className={styles.arrow} />
						</Link>
					</li>
				))}
				<li>
					<button
						type="button"
						className={`${styles.entry} ${styles.leave}`}
						onClick={() => setLeaving(true)}
					>
						<SignOutIcon />
						<span className={styles.entryText}>{t('signOut.button')}</span>
					</button>
				</li>
			</ul>
			{leaving && <SignOutDialog onClose={() => setLeaving(false)} />}
		</nav>
	);
}
