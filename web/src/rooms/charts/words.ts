import { addWords } from '@/app/i18n';
import { en, zh } from './locale';
import '@/board/words';

addWords(zh, en);
