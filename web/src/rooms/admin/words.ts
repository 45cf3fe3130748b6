import { addWords } from '@/app/i18n';
import { rightWords } from '@/lib/rights';
import rights from '../../../../src/serve/access/rights.csv?raw';
import { en, zh } from './locale';

const named = rightWords(rights);
addWords({ ...zh, right: named.zh }, { ...en, right: named.en });
