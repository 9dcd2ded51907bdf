import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components/Modal';
import styles from './Dialog.module.css';

export interface DialogProps {
	isOpen: boolean;
	/** Called when it is closed by Escape, by pressing outside, or by what stands in it. */
	onClose: () => void;
	title: string;
	children: ReactNode;
	/** Buttons, the main one last. */
	actions?: ReactNode;
	/** Interrupts: read aloud at once, and can't be closed by pressing outside. */
	alert?: boolean;
}

/** A question or a task that everything else waits for. On a phone it comes from below. */
export function Dialog({ isOpen, onClose, title, children, actions, alert }: DialogProps) {
	return (
		<ModalOverlay
			isOpen={isOpen}
			onOpenChange={(open) => {
				if (!open) onClose();
			}}
			isDismissable={!alert}
			className={styles.scrim ?? ''}
		>
			<Modal className={styles.modal ?? ''}>
				<AriaDialog role={alert ? 'alertdialog' : 'dialog'} className={styles.dialog ?? ''}>
					<Heading slot="title" level={2} className={styles.title ?? ''}>
						{title}
					</Heading>
					<div className={styles.body}>{children}</div>
					{actions && <div className={styles.actions}>{actions}</div>}
				</AriaDialog>
			</Modal>
		</ModalOverlay>
	);
}
