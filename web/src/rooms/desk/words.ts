import { addWords } from '@/app/i18n';
import { en, zh } from './locale';
import '../cases/words';

addWords(zh, en);
