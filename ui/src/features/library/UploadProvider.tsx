import type { ReactNode } from 'react';

import { ReviewSheet } from './ReviewSheet';
import { UploadContext, useUploadFlow } from './useUpload';

/** Makes uploads possible from everywhere in the window, and shows the review of the one that waits. */
export function UploadProvider({ destination, children }: { destination: string; children: ReactNode }) {
  const { upload, waiting, failure, recount, confirm, forget, ...flow } = useUploadFlow(destination);
  return (
    <UploadContext value={upload}>
      {children}
      {waiting !== null && (
        <ReviewSheet
          review={flow.review}
          error={failure}
          isCounting={flow.isCounting}
          isRunning={flow.isStarting}
          isOtherRunning={flow.isOtherStarting}
          onConfirm={confirm}
          onRecount={recount}
          onClose={forget}
        />
      )}
    </UploadContext>
  );
}
