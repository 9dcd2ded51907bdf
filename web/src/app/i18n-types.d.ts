import type common from '../locales/en/common.json';
import type composer from '../locales/en/composer.json';
import type entry from '../locales/en/entry.json';
import type errors from '../locales/en/errors.json';
import type groups from '../locales/en/groups.json';
import type help from '../locales/en/help.json';
import type home from '../locales/en/home.json';
import type people from '../locales/en/people.json';
import type safety from '../locales/en/safety.json';
import type settings from '../locales/en/settings.json';
import type timeline from '../locales/en/timeline.json';
import type timer from '../locales/en/timer.json';
import type trouble from '../locales/en/trouble.json';

declare module 'i18next' {
	interface CustomTypeOptions {
		defaultNS: 'common';
		resources: {
			common: typeof common;
			entry: typeof entry;
			errors: typeof errors;
			groups: typeof groups;
			help: typeof help;
			safety: typeof safety;
			settings: typeof settings;
			home: typeof home;
			timeline: typeof timeline;
			composer: typeof composer;
			people: typeof people;
			timer: typeof timer;
			trouble: typeof trouble;
		};
	}
}
