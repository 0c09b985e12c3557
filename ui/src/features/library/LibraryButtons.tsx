import {
  ClipboardPaste,
  FileInput,
  FilePlus2,
  FolderOutput,
  FolderPlus,
  Library,
  Trash2,
} from 'lucide-react';

import { Button } from '../../design/Button';
import { messages } from '../../messages';

export interface LibraryButtonsProps {
  isTrash: boolean;
  isPrimary: boolean;
  onChoose: (what: 'files' | 'folder') => void;
  onImport: () => void;
  onImportCopied: () => void;
  onExportAll: () => void;
  onTrash: (isTrash: boolean) => void;
}

/** What the library offers whatever is chosen in it. */
export function LibraryButtons(props: LibraryButtonsProps) {
  const { isTrash, isPrimary, onChoose, onImport, onImportCopied, onExportAll, onTrash } = props;
  const { library } = messages;
  if (isTrash) {
    return (
      <Button icon={Library} onPress={() => onTrash(false)}>
        {library.toLibrary}
      </Button>
    );
  }
  return (
    <>
      <Button look={isPrimary ? 'primary' : 'plain'} icon={FilePlus2} onPress={() => onChoose('files')}>
        {library.uploadFiles}
      </Button>
      <Button isCompact icon={FolderPlus} onPress={() => onChoose('folder')}>
        {library.uploadFolder}
      </Button>
      <Button isCompact icon={FileInput} onPress={onImport}>
        {library.importFile}
      </Button>
      <Button isCompact icon={ClipboardPaste} onPress={onImportCopied}>
        {library.importCopied}
      </Button>
      <Button isCompact icon={FolderOutput} onPress={onExportAll}>
        {library.exportAll.button}
      </Button>
      <Button isCompact icon={Trash2} onPress={() => onTrash(true)}>
        {library.toTrash}
      </Button>
    </>
  );
}
