import type { SVGProps } from 'react';

export type IconProps = SVGProps<SVGSVGElement>;

/**
 * The icons, drawn for this project on a grid of 24 with lines of 1.75. They take the colour of the text around them and say
 * nothing aloud: what stands beside them, or the `label` of the button around them, does.
 */
function Icon({ children, ...rest }: IconProps) {
	return (
		<svg
			viewBox="0 0 24 24"
			width="1.25em"
			height="1.25em"
			fill="none"
			stroke="currentColor"
			strokeWidth={1.75}
			strokeLinecap="round"
			strokeLinejoin="round"
			aria-hidden="true"
			focusable="false"
			{...rest}
		>
			{children}
		</svg>
	);
}

/** A stopwatch: something goes by itself after a while. */
export const TimerIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="12" cy="13.5" r="7.5" />
		<path d="M12 9.5v4l2.5 2M9.5 2.75h5M12 2.75V6" />
	</Icon>
);

export const CloseIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m6 6 12 12M18 6 6 18" />
	</Icon>
);
export const CheckIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m5 12.5 4.5 4.5L19 7.5" />
	</Icon>
);
export const PlusIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M12 5v14M5 12h14" />
	</Icon>
);
export const BackIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M19 12H5m6-6-6 6 6 6" />
	</Icon>
);
export const ForwardIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m9 6 6 6-6 6" />
	</Icon>
);
export const DownIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m6 9.5 6 6 6-6" />
	</Icon>
);
export const MoreIcon = (props: IconProps) => (
	<Icon {...props}>
		<g fill="currentColor" stroke="none">
			<circle cx="5.5" cy="12" r="1.6" />
			<circle cx="12" cy="12" r="1.6" />
			<circle cx="18.5" cy="12" r="1.6" />
		</g>
	</Icon>
);
export const SearchIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M16 16l4 4M11 18a7 7 0 1 1 0-14 7 7 0 0 1 0 14Z" />
	</Icon>
);
export const SendIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M12 19V5m-6 6 6-6 6 6" />
	</Icon>
);
export const EyeIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z" />
		<circle cx="12" cy="12" r="2.75" />
	</Icon>
);
export const EyeOffIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M4 4l16 16M9.9 5.8A9.3 9.3 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-2.6 3.3M6.4 7.3A16.3 16.3 0 0 0 2.5 12S6 18.5 12 18.5a9.3 9.3 0 0 0 4.6-1.2M10 10.1a2.75 2.75 0 0 0 3.9 3.9" />
	</Icon>
);
export const LockIcon = (props: IconProps) => (
	<Icon {...props}>
		<rect x="5" y="10.5" width="14" height="9.5" rx="2.5" />
		<path d="M8 10.5V8a4 4 0 0 1 8 0v2.5" />
	</Icon>
);
export const InfoIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="12" cy="12" r="8.5" />
		<path d="M12 11.5v4.5M12 8v.01" />
	</Icon>
);
export const AlertIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M12 9.5v4M12 16.8v.01M10.3 4.5 3 17.2A2 2 0 0 0 4.7 20h14.6a2 2 0 0 0 1.7-2.8L13.7 4.5a2 2 0 0 0-3.4 0Z" />
	</Icon>
);
export const OfflineIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M4 4l16 16M8.5 8.7A5.5 5.5 0 0 0 7 19h10.3M11 6.7a5.5 5.5 0 0 1 6.3 4.4 4 4 0 0 1 3.2 6" />
	</Icon>
);
export const ClockIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="12" cy="12" r="8.5" />
		<path d="M12 7.5V12l3 2" />
	</Icon>
);
export const SettingsIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M4 7h9M19 7h1M4 17h1M11 17h9" />
		<circle cx="16" cy="7" r="2.5" />
		<circle cx="8" cy="17" r="2.5" />
	</Icon>
);
export const PersonIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="12" cy="8" r="3.75" />
		<path d="M4.5 20c.8-3.8 3.8-5.8 7.5-5.8s6.7 2 7.5 5.8" />
	</Icon>
);
export const PeopleIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="9" cy="8.5" r="3.25" />
		<path d="M2.5 19c.7-3.3 3.2-5 6.5-5s5.8 1.7 6.5 5M15.5 5.5a3.25 3.25 0 0 1 0 6M18 14.5c1.8.8 3 2.3 3.5 4.5" />
	</Icon>
);
export const DeviceIcon = (props: IconProps) => (
	<Icon {...props}>
		<rect x="3.5" y="5" width="17" height="11" rx="2" />
		<path d="M2 19.5h20" />
	</Icon>
);
export const VerifiedIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M12 3.5 5 6v5.5c0 4.3 2.9 7.5 7 9 4.1-1.5 7-4.7 7-9V6l-7-2.5Z" />
		<path d="m9 12 2.2 2.2L15.2 10" />
	</Icon>
);
export const PaletteIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="12" cy="12" r="8.5" />
		<path d="M12 3.5v17a8.5 8.5 0 0 0 0-17Z" fill="currentColor" />
	</Icon>
);
export const StorageIcon = (props: IconProps) => (
	<Icon {...props}>
		<ellipse cx="12" cy="6.5" rx="7.5" ry="3" />
		<path d="M4.5 6.5v11c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3v-11M4.5 12c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3" />
	</Icon>
);
export const HelpIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="12" cy="12" r="8.5" />
		<path d="M9.7 9.5a2.4 2.4 0 1 1 3.3 2.3c-.7.3-1 .8-1 1.7M12 16.5v.01" />
	</Icon>
);
export const CameraIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M4 8.5h3.2l1.5-2.5h6.6l1.5 2.5H20V19H4V8.5Z" />
		<circle cx="12" cy="13.3" r="3.2" />
	</Icon>
);
export const CopyIcon = (props: IconProps) => (
	<Icon {...props}>
		<rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2" />
		<path d="M15.5 5.5A2 2 0 0 0 13.5 4H6a2 2 0 0 0-2 2v7.5a2 2 0 0 0 1.5 2" />
	</Icon>
);
export const PrintIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M7 9V4h10v5M7 16H4.5V9h15v7H17M7 13.5h10V20H7v-6.5Z" />
	</Icon>
);
export const SignOutIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M10 20H5V4h5M15 8l4 4-4 4M19 12H9.5" />
	</Icon>
);
export const RefreshIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15" />
	</Icon>
);
export const EditIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M4.5 19.5 5.5 15 16 4.5l3.5 3.5L9 18.5l-4.5 1Z" />
	</Icon>
);
export const ComposeIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M19.5 12.5V18a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6.5a2 2 0 0 1 2-2h5.5M9 15l.6-2.9L18 3.7 20.3 6l-8.4 8.4L9 15Z" />
	</Icon>
);
export const SmileIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M12 20.5a8.5 8.5 0 1 1 0-17 8.5 8.5 0 0 1 0 17ZM8.5 14.2a4.2 4.2 0 0 0 7 0M9 9.6v.3M15 9.6v.3" />
	</Icon>
);
/** The states of a message: waiting is {@link ClockIcon}. */
export const TickIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m6.5 12.5 3.8 3.8 7.2-8" />
	</Icon>
);
export const TicksIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m2.5 12.5 3.8 3.8 7.2-8M12 15.5l.8.8 7.7-8" />
	</Icon>
);
export const TicksReadIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m2.5 12.5 3.8 3.8 7.2-8M12 15.5l.8.8 7.7-8" strokeWidth={2.75} />
	</Icon>
);
