import type { ReactNode } from 'react';
import type { AppStore, AppStoreOptions } from '../src/app/store';
import type { Script, ScriptedEngine } from '../src/test/scripted-engine';

/** A screen at an address, or a piece of the library, in one state. */
export interface Story {
	/** In the address and in the names of the pictures: `settings/devices`. */
	id: string;
	/** What the engine says. */
	script?: Script;
	/** The address of a screen… */
	path?: string;
	/** …or a piece by itself. */
	render?: () => ReactNode;
	options?: AppStoreOptions;
	/** The engine never gets ready in this one. */
	waits?: boolean;
	/** What happens once it is there. */
	play?: (engine: ScriptedEngine, store: AppStore) => void;
	/** What a person does then, before it is looked at: buttons to press, fields to fill. */
	steps?: (page: StoryPage) => Promise<void>;
}

/** What steps can do. */
export interface StoryPage {
	press(name: RegExp): Promise<void>;
	fill(label: RegExp, text: string): Promise<void>;
	tick(label: RegExp): Promise<void>;
	/** Presses something in a menu. */
	choose(name: RegExp): Promise<void>;
	/** Presses something in a list. */
	pick(name: RegExp): Promise<void>;
	/** Turns a switch. */
	flip(label: RegExp): Promise<void>;
	/** Keys, as user-event writes them. */
	keys(text: string): Promise<void>;
	/** Waits for a heading. */
	see(heading: RegExp): Promise<void>;
	/** Waits for words that come after a while. */
	read(words: RegExp): Promise<void>;
}
