/* A window from which files can be dragged, as from a file manager: the first two arguments say where on the screen it
 * is, the others are paths, or the address of a web page as a browser would hand it over. It prints "ready" once it can
 * be grabbed, and "taken" or "refused" when the drag is over.
 */
#include <gtk/gtk.h>
#include <stdio.h>
#include <stdlib.h>

#define EDGE 100

static gboolean was_refused = FALSE;

static void say(const char *word)
{
    puts(word);
    fflush(stdout);
}

static gboolean on_shown(GtkWidget *window, GdkEvent *event, gpointer unused)
{
    say("ready");
    return FALSE;
}

static void on_asked(GtkWidget *source, GdkDragContext *drag, GtkSelectionData *data, guint info, guint time, gpointer uris)
{
    gtk_selection_data_set_uris(data, uris);
}

static gboolean on_refused(GtkWidget *source, GdkDragContext *drag, GtkDragResult reason, gpointer unused)
{
    was_refused = TRUE;
    return FALSE;
}

static void on_over(GtkWidget *source, GdkDragContext *drag, gpointer unused)
{
    say(was_refused ? "refused" : "taken");
    gtk_main_quit();
}

int main(int count, char **words)
{
    gtk_init(&count, &words);
    if (count < 4)
        return 2;
    GPtrArray *uris = g_ptr_array_new();
    for (int i = 3; i < count; i++)
        g_ptr_array_add(uris, words[i][0] == '/' ? g_filename_to_uri(words[i], NULL, NULL) : g_strdup(words[i]));
    g_ptr_array_add(uris, NULL);

    /* A popup: no window manager moves it. */
    GtkWidget *window = gtk_window_new(GTK_WINDOW_POPUP), *source = gtk_event_box_new();
    GtkTargetEntry files = {"text/uri-list", 0, 0};
    gtk_drag_source_set(source, GDK_BUTTON1_MASK, &files, 1, GDK_ACTION_COPY);
    g_signal_connect(source, "drag-data-get", G_CALLBACK(on_asked), uris->pdata);
    g_signal_connect(source, "drag-failed", G_CALLBACK(on_refused), NULL);
    g_signal_connect(source, "drag-end", G_CALLBACK(on_over), NULL);
    g_signal_connect(window, "map-event", G_CALLBACK(on_shown), NULL);
    gtk_container_add(GTK_CONTAINER(window), source);
    gtk_window_resize(GTK_WINDOW(window), EDGE, EDGE);
    gtk_window_move(GTK_WINDOW(window), atoi(words[1]), atoi(words[2]));
    gtk_widget_show_all(window);
    gtk_main();
    return 0;
}
