import type { Knex } from 'knex';
import type { TokenScope } from '../access/tokens.store';
import { instantSql } from '../platform/http/fields';

export interface ListedToken {
  name: string;
  scope: TokenScope;
  created_at: string;
  created_by: string;
  expires_at: string;
  last_used_at: string | null;
  state: 'live' | 'expired' | 'revoked';
}

/** Reads API tokens for a list; never what they are made of. */
export class TokensQueries {
  constructor(private readonly app: Knex) {}

  /** Newest first. */
  async tokens(): Promise<ListedToken[]> {
    const { rows } = await this.app.raw<{ rows: ListedToken[] }>(
      `select name, scope, created_by, ${instantSql('created_at')} as created_at,
         ${instantSql('expires_at')} as expires_at, ${instantSql('last_used_at')} as last_used_at,
         case when revoked_at is not null then 'revoked'
           when expires_at <= clock_timestamp() then 'expired' else 'live' end as state
       from tieout.api_tokens order by tieout.api_tokens.created_at desc, token_id`,
    );
    return rows;
  }
}
