import { expect, test } from 'vitest';
import { canonical } from '../../src/api/http/request-context.js';

test.each([
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::99', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['192.0.2.1', '192.0.2.1'],
])('T4 %s counts as %s', (address, client) => {
  expect(canonical(address)).toBe(client);
});
