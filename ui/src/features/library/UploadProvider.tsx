import type { ReactNode } from 'react';

import { ReviewSheet } from './ReviewSheet';
import { UploadContext, useUploadFlow } from './useUpload';

/** Makes uploads possible from everywhere in the window, and shows the review of the one that waits. */
export function UploadProvider({ destination, children }: { destination: string; children: ReactNode }) {
  const { upload, waiting, review, failure, recount, start, forget } = useUploadFlow(destination);
  return (
    <UploadContext value={upload}>
      {children}
      {waiting !== null && (
        <ReviewSheet
          review={review}
          error={failure}
          isRunning={start.isRunning}
          onConfirm={() => start.run(waiting)}
          onRecount={recount}
          onClose={forget}
        />
      )}
    </UploadContext>
  );
}
