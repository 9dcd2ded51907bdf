import encodeQR from 'qr';
import { useMemo } from 'react';
import { bytesToText, textToBytes } from './bytes';
import styles from './QrCode.module.css';

export interface QrCodeProps {
	/** A link, or bytes as they are. */
	content: string | Uint8Array;
	/** What it is, read aloud. */
	label: string;
}

const BORDER = 4;

/** A QR code, dark on white in both themes, as scanners want it. */
export function QrCode({ content, label }: QrCodeProps) {
	const { path, size } = useMemo(() => draw(content), [content]);
	return (
		<svg
			viewBox={`0 0 ${size} ${size}`}
			className={styles.qr}
			role="img"
			aria-label={label}
			shapeRendering="crispEdges"
		>
			<path d={path} fill="#1c1917" />
		</svg>
	);
}

/** One path of a row of modules after the other. */
function draw(content: string | Uint8Array): { path: string; size: number } {
	const rows =
		typeof content === 'string'
			? encodeQR(content, 'raw', { border: BORDER, ecc: 'medium' })
			: encodeQR(bytesToText(content), 'raw', {
					border: BORDER,
					ecc: 'medium',
					encoding: 'byte',
					textEncoder: textToBytes,
				});
	let path = '';
	rows.forEach((row, y) => {
		for (let x = 0; x < row.length; x++) {
			if (!row[x]) continue;
			let end = x;
			while (row[end]) end++;
			path += `M${x} ${y}h${end - x}v1h-${end - x}z`;
			x = end;
		}
	});
	return { path, size: rows.length };
}
