import { Injectable, type CanActivate } from '@nestjs/common';
import { problems } from '@watchkeeper/platform';
import { RebuildStoreService } from './rebuild-store.service';

/** While the store is being rebuilt, "allowed" could be wrong: better no answer than a wrong one. */
@Injectable()
export class StoreReadyGuard implements CanActivate {
  constructor(private readonly rebuild: RebuildStoreService) {}

  canActivate(): boolean {
    if (!this.rebuild.isReady) throw problems.unavailable('the action store is being rebuilt from the log', 2);
    return true;
  }
}
