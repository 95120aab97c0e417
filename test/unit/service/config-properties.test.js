'use strict';

const { parseProperties } = require('../../../lib/service/config/sources/properties');

const pairs = (text) => parseProperties(text).entries.map(({ key, value }) => [key, value]);

describe('parseProperties', () => {
  test.each([
    ['a=b', 'a', 'b'],
    ['a = b', 'a', 'b'],
    ['a: b', 'a', 'b'],
    ['a b c', 'a', 'b c'],
    ['  a=b  ', 'a', 'b  '],
    ['a==b', 'a', '=b'],
    ['a', 'a', ''],
    ['a=', 'a', ''],
    ['a\\=b=c', 'a=b', 'c'],
    ['a\\ b c', 'a b', 'c'],
    ['a=x\\ty\\nz', 'a', 'x\ty\nz'],
    ['a=\\u00e9\\u0041', 'a', 'éA'],
    ['a=C:\\\\dir', 'a', 'C:\\dir'],
    ['a=p\\qr', 'a', 'pqr'],
    ['a=#no comment', 'a', '#no comment'],
    ['\uFEFFa=b', 'a', 'b'],
  ])('%j', (text, key, value) => {
    expect(pairs(text)).toEqual([[key, value]]);
  });

  test('joins continuation lines and drops their indentation', () => {
    expect(pairs('servers=a:1,\\\n   b:2,\\\r\n\tc:3\nnext=1')).toEqual([
      ['servers', 'a:1,b:2,c:3'],
      ['next', '1'],
    ]);
  });

  test('an escaped backslash at the end continues nothing', () => {
    expect(pairs('a=b\\\\\nc=d')).toEqual([
      ['a', 'b\\'],
      ['c', 'd'],
    ]);
  });

  test('a continuation at the end of the file ends there', () => {
    expect(pairs('a=b\\')).toEqual([['a', 'b']]);
  });

  test('leaves comments and blank lines out, continued ones too', () => {
    expect(pairs('# x\\\na=b\n\n  ! y\n\t\n')).toEqual([['a', 'b']]);
  });

  test('knows the line on which an entry begins', () => {
    const { entries } = parseProperties('# one\na=1\\\n2\n\nb=3\r\nc=4');
    expect(entries.map(({ line }) => line)).toEqual([2, 5, 6]);
  });

  test('every broken \\u escape names its line, and the rest is read', () => {
    const { entries, mistakes } = parseProperties('a=1\nb=\\u12\nc=3\nd=x\\\n  \\uZZZZ');
    expect(mistakes).toEqual([
      { line: 2, message: expect.stringContaining('hexadecimal') },
      { line: 5, message: expect.stringContaining('hexadecimal') },
    ]);
    expect(entries.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd']);
  });
});
