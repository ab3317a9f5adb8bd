/** On an image that was built for a container, and so on the container: what it was built from. */
export const BUILD_LABEL = 'berth.build';
