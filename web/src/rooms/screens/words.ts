import { addWords } from '@/app/i18n';
import { en, zh } from './locale';
import '../records/words';

addWords(zh, en);
