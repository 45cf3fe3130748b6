/** Which pages the administration has and what each needs; known to the shell before the room is loaded. */
export const ADMIN_PAGES = [
  { id: 'accounts', needs: 'user.read' },
  { id: 'grants', needs: 'role.grant' },
  { id: 'matrix', needs: 'role.read' },
  { id: 'review', needs: 'role.grant' },
  { id: 'emergencies', needs: 'role.read' },
  { id: 'tokens', needs: 'token.write' },
  { id: 'certs', needs: 'cert.read' },
  { id: 'clients', needs: 'client.read' },
  { id: 'orgs', needs: 'org.read' },
  { id: 'audit', needs: 'audit.read' },
] as const;
