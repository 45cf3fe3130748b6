import { addWords } from '@/app/i18n';
import { en, zh } from './locale';
import '../cases/words';
import './field.css';

addWords(zh, en);
