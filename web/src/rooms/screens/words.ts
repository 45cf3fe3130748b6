import { addWords } from '@/app/i18n';
import { en, zh } from './locale';
import '../records/words';
import '@/board/words';

addWords(zh, en);
