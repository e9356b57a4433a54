import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ModelMetadata, Policy, Scope } from '@watchkeeper/domain';

/** The tables as they are after the last migration; they hold no rule. */

@Entity('api_keys')
export class ApiKeyRow {
  @PrimaryColumn('text', { name: 'key_id' })
  keyId!: string;

  @Column('text')
  tenant!: string;

  @Column('text')
  name!: string;

  @Column('text', { array: true })
  scopes!: Scope[];

  /** SHA-256 of the key, hex. */
  @Column('text')
  hash!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'revoked_at', precision: 3, nullable: true })
  revokedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'last_used_at', precision: 3, nullable: true })
  lastUsedAt!: Date | null;
}

/** Every policy that was ever in force; the one with the highest `seq` is the tenant's policy now. */
@Entity('policies')
export class PolicyRow {
  /** bigint, which the driver gives as a string. */
  @PrimaryColumn('bigint', { generated: 'identity' })
  seq!: string;

  @Column('text')
  tenant!: string;

  @Column('text')
  id!: string;

  @Column('integer')
  version!: number;

  @Column('text')
  hash!: string;

  @Column('jsonb')
  body!: Policy;

  @Column({ type: 'timestamptz', name: 'set_at', precision: 3 })
  setAt!: Date;
}

@Entity('models')
export class ModelRow {
  @PrimaryColumn('text')
  tenant!: string;

  @PrimaryColumn('text')
  provider!: string;

  @PrimaryColumn('text')
  name!: string;

  @PrimaryColumn('text')
  version!: string;

  @Column({ type: 'timestamptz', name: 'released_at', precision: 3, nullable: true })
  releasedAt!: Date | null;

  @Column('jsonb')
  attributes!: ModelMetadata['attributes'];
}

@Entity('webhook_endpoints')
export class WebhookRow {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  tenant!: string;

  @Column('text')
  url!: string;

  /** Kept as it is: each message is signed with it. */
  @Column('text')
  secret!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'disabled_at', precision: 3, nullable: true })
  disabledAt!: Date | null;

  @Column('text', { name: 'disabled_reason', nullable: true })
  disabledReason!: string | null;
}
