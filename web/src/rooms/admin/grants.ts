/** Who holds which role where: what the pages of grants and of the quarterly review read, and how they name it. */
import { onBeforeUnmount, ref, shallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { access, type Assignment, type Role, type User } from '@/api/access';
import { useRead } from '@/app/act';
import { useDistricts } from '@/app/districts';
import { useUi } from '@/app/ui';

export function useGrants() {
  const { t } = useI18n();
  const ui = useUi();
  const { list: districts, name: districtName } = useDistricts();
  const grants = shallowRef<Assignment[]>([]);
  const roles = shallowRef<Role[]>([]);
  const users = shallowRef<User[]>([]);
  const read = useRead();
  const loaded = ref(false);
  const abort = new AbortController();
  const nameOf = (g: Assignment): string => users.value.find((u) => u.id === g.user)?.name ?? g.login;
  const roleName = (r: string): string => {
    const x = roles.value.find((y) => y.role === r);
    return x ? (ui.lang === 'en' ? x.name_en : x.name) : r;
  };
  const place = (codes: string): string =>
    codes
      .split(' ')
      .filter(Boolean)
      .map((c) => districtName({ code: c, name: districts.value.find((d) => d.code === c)?.name ?? c }))
      .join('、') || t('adm.everyArea');
  async function load(): Promise<void> {
    await read.act(async () => {
      [grants.value, roles.value, users.value] = await Promise.all([
        access.assignments(abort.signal),
        access.roles(abort.signal),
        access.users(abort.signal),
      ]);
      loaded.value = true;
    });
  }
  onBeforeUnmount(() => abort.abort());
  return { grants, roles, users, districts, read, loaded, nameOf, roleName, place, load };
}
