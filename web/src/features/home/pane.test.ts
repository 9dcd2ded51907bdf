import { expect, it } from 'vitest';
import { paneOf } from './pane';

it('knows what an address shows', () => {
	expect(paneOf('/')).toEqual({ is: 'list' });
	expect(paneOf('/new')).toEqual({ is: 'new' });
	expect(paneOf('/new/group')).toEqual({ is: 'newGroup', naming: false });
	expect(paneOf('/new/group/name')).toEqual({ is: 'newGroup', naming: true });
	expect(paneOf('/c/abc')).toEqual({ is: 'talk', conversation: 'abc' });
	expect(paneOf('/c/abc/details')).toEqual({ is: 'details', conversation: 'abc' });
	expect(paneOf('/c/')).toEqual({ is: 'list' });
});
