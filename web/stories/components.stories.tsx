import { useState } from 'react';
import { Avatar } from '../src/ui/avatar/Avatar';
import { Banner } from '../src/ui/banner/Banner';
import { Button } from '../src/ui/button/Button';
import { IconButton } from '../src/ui/button/IconButton';
import { Checkbox } from '../src/ui/checkbox/Checkbox';
import { Choice } from '../src/ui/choice/Choice';
import { ConfirmButton } from '../src/ui/confirm/ConfirmButton';
import { CopyField } from '../src/ui/copy-field/CopyField';
import { Dialog } from '../src/ui/dialog/Dialog';
import { Disclosure } from '../src/ui/disclosure/Disclosure';
import * as icons from '../src/ui/icons';
import { ListBox, ListBoxItem } from '../src/ui/list-box/ListBox';
import { Mark } from '../src/ui/mark/Mark';
import { Menu, MenuItem } from '../src/ui/menu/Menu';
import { StrengthMeter } from '../src/ui/meter/StrengthMeter';
import { Progress } from '../src/ui/progress/Progress';
import { QrCode } from '../src/ui/qr/QrCode';
import { Skeleton } from '../src/ui/skeleton/Skeleton';
import { Steps } from '../src/ui/steps/Steps';
import { Switch } from '../src/ui/switch/Switch';
import { TextField } from '../src/ui/text-field/TextField';
import { Toasts } from '../src/ui/toast/Toasts';
import { toast } from '../src/ui/toast/toasts';
import type { Story } from './story';

function Row({ children }: { children: React.ReactNode }) {
	return <div className="story-row">{children}</div>;
}

function Choosing() {
	const [on, setOn] = useState(true);
	const [theme, setTheme] = useState<'system' | 'light' | 'dark'>('light');
	return (
		<>
			<Switch
				label="Enter sends"
				hint="Shift and Enter begins a new line."
				isSelected={on}
				onChange={setOn}
			/>
			<Switch label="Off" isSelected={false} onChange={() => undefined} />
			<Switch label="Can't be changed" isSelected onChange={() => undefined} isDisabled />
			<Checkbox label="I have written it down" hint="Nobody can reset it." isSelected={on} onChange={setOn} />
			<Checkbox label="Not ticked" error="Tick this first." isSelected={false} onChange={() => undefined} />
			<Choice
				label="Theme"
				value={theme}
				onChange={setTheme}
				options={[
					{ value: 'system', label: 'As the device' },
					{ value: 'light', label: 'Light' },
					{ value: 'dark', label: 'Dark' },
				]}
			/>
			<ListBox aria-label="People" defaultSelectedKeys={['b']}>
				<ListBoxItem id="a" textValue="Ada">
					<Avatar name="Ada Lovelace" id="1" size="small" /> Ada Lovelace
				</ListBoxItem>
				<ListBoxItem id="b" textValue="Malik">
					<Avatar name="Malik" id="2" size="small" /> Malik
				</ListBoxItem>
			</ListBox>
		</>
	);
}

export const stories: Story[] = [
	{
		id: 'ui/buttons',
		render: () => (
			<>
				<Row>
					<Button kind="primary">Continue</Button>
					<Button>Cancel</Button>
					<Button kind="quiet">Back</Button>
					<Button kind="danger">Sign out</Button>
				</Row>
				<Row>
					<Button kind="primary" isDisabled>
						Continue
					</Button>
					<Button kind="primary" isPending>
						Continue
					</Button>
					<ConfirmButton label="Sign out" question="Really?" onConfirm={() => undefined} />
				</Row>
				<Row>
					<IconButton label="Search">
						<icons.SearchIcon />
					</IconButton>
					<IconButton label="Send" kind="accent">
						<icons.SendIcon />
					</IconButton>
					<IconButton label="Send" kind="accent" isDisabled>
						<icons.SendIcon />
					</IconButton>
					<Menu
						label="More"
						trigger={
							<IconButton label="More">
								<icons.MoreIcon />
							</IconButton>
						}
					>
						<MenuItem text="Mute" icon={<icons.ClockIcon />} onAction={() => undefined} />
						<MenuItem text="Leave" icon={<icons.SignOutIcon />} onAction={() => undefined} />
					</Menu>
				</Row>
			</>
		),
	},
	{
		id: 'ui/menu-open',
		render: () => (
			<Menu label="More" trigger={<Button>More</Button>}>
				<MenuItem text="Mute" icon={<icons.ClockIcon />} onAction={() => undefined} />
				<MenuItem text="Leave" icon={<icons.SignOutIcon />} onAction={() => undefined} />
			</Menu>
		),
		steps: (page) => page.press(/More/),
	},
	{
		id: 'ui/fields',
		render: () => (
			<>
				<TextField label="Your name" hint="This is how the others see you." defaultValue="Ada Lovelace" />
				<TextField label="Empty" placeholder="ada.lovelace" />
				<TextField label="Passphrase" secret mono defaultValue="orbit-velvet-canyon-ladder-sunset" />
				<TextField label="Login name" error="That name is taken. Choose another." defaultValue="ada" exact />
				<StrengthMeter score={1} />
				<StrengthMeter score={3} />
				<StrengthMeter score={4} />
				<CopyField label="Link" text="https://chat.example.org:7443/i#hqF2AaZzZWNyZXTEEH" />
				<Steps current={2} total={3} />
				<Progress label="Changing your keys: 3 of 12 conversations" value={3} total={12} />
			</>
		),
	},
	{ id: 'ui/choosing', render: () => <Choosing /> },
	{
		id: 'ui/banners',
		render: () => (
			<>
				<Banner>You are offline. What you write is kept here and goes out later.</Banner>
				<Banner tone="good">They match.</Banner>
				<Banner tone="warn" action={<Button kind="quiet">Close</Button>}>
					The server can’t save anything at the moment.
				</Banner>
				<Banner tone="bad" action={<Button kind="quiet">Was this you?</Button>}>
					New sign-in to your account: Firefox on Linux
				</Banner>
				<Skeleton width="14rem" />
				<Skeleton width="9rem" />
				<Skeleton width="2.75rem" height="2.75rem" round />
				<Disclosure title="Is this the right server?">
					<p>Its terminal shows six words.</p>
				</Disclosure>
			</>
		),
	},
	{
		id: 'ui/faces',
		render: () => (
			<>
				<Row>
					{['Ada Lovelace', 'Malik', 'Zoë O’Hara', '李 小龙', 'محمد علي', 'दीपा', '👩‍🚀 Mae', 'Éléonore'].map(
						(name, index) => (
							<Avatar key={name} name={name} id={String(index)} />
						),
					)}
				</Row>
				<Row>
					<Avatar name="Ada Lovelace" id="1" size="small" />
					<Avatar name="Ada Lovelace" id="1" size="large" />
				</Row>
				<Row>
					{['16px', '24px', '32px', '64px', '160px'].map((size) => (
						<Mark key={size} size={size} />
					))}
				</Row>
				<Row>
					{Object.entries(icons).map(([name, Icon]) => (
						<Icon key={name} width="1.75rem" height="1.75rem" />
					))}
				</Row>
				<QrCode content="https://chat.example.org:7443/i#hqF2AaZzZWNyZXTEEH" label="Invitation" />
			</>
		),
	},
	{
		id: 'ui/dialog',
		render: () => (
			<Dialog
				isOpen
				onClose={() => undefined}
				title="Sign out of this device?"
				actions={
					<>
						<Button>Stay</Button>
						<Button kind="danger">Sign out</Button>
					</>
				}
			>
				<p>Everything that ChaTalK keeps in this browser is removed.</p>
			</Dialog>
		),
	},
	{
		id: 'ui/toasts',
		render: () => <Toasts />,
		play: () => {
			toast('Your name is changed.');
		},
	},
];
