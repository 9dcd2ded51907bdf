import type { Story } from './story';

const files = import.meta.glob<{ stories: Story[] }>('./*.stories.tsx', { eager: true });

/** All stories of all files beside this one. */
export const all: Story[] = Object.values(files).flatMap((file) => file.stories);
